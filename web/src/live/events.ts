// SPDX-License-Identifier: Apache-2.0
// Reads a stream of server-sent events as it arrives, in whatever pieces. EventSource would do most
// of this, but hides the comments by which a quiet stream says that it is alive.

export interface StreamEvent {
  id: string;
  event: string;
  data: string;
}

export class EventReader {
  private rest = "";
  lastId = "";

  // What is complete by now. A comment is no event, yet a sign of life like any other bytes.
  read(text: string): StreamEvent[] {
    const whole = this.rest + text;
    const cut = whole.endsWith("\r") ? whole.length - 1 : whole.length; // its \n may come yet
    const blocks = whole.slice(0, cut).replace(/\r\n?/g, "\n").split("\n\n");
    this.rest = (blocks.pop() ?? "") + whole.slice(cut);
    return blocks.map((each) => this.one(each)).filter((each) => each !== undefined);
  }

  private one(block: string): StreamEvent | undefined {
    let event = "message";
    const data: string[] = [];
    for (const line of block.split("\n")) {
      const colon = line.indexOf(":");
      const name = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (name === "id") this.lastId = value;
      if (name === "event") event = value;
      if (name === "data") data.push(value);
    }
    return data.length === 0 ? undefined : { id: this.lastId, event, data: data.join("\n") };
  }
}
