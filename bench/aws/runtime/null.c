/* SPDX-License-Identifier: Apache-2.0 */
/* The floor of a runtime's loop: reads an event, answers always the same. No JSON, no TLS. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char next[] =
    "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: runtime\r\n\r\n";
static const char body[] = "{\"action\":\"ignored\"}";
static char in[1 << 20];
static char out[512];

static int connect_to(const char *api) {
  char host[64];
  snprintf(host, sizeof host, "%s", api);
  char *colon = strchr(host, ':');
  if (colon == NULL) return -1;
  *colon = 0;
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_port = htons((unsigned short)strtoul(colon + 1, NULL, 10));
  inet_pton(AF_INET, host, &address.sin_addr);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ? fd : -1;
}

/* One whole answer, into `in`. */
static int read_answer(int fd) {
  size_t have = 0;
  for (;;) {
    const ssize_t count = read(fd, in + have, sizeof in - 1 - have);
    if (count <= 0) return 0;
    have += (size_t)count;
    in[have] = 0;
    const char *end = strstr(in, "\r\n\r\n");
    if (end == NULL) continue;
    const char *length = strcasestr(in, "content-length:");
    const size_t size = length != NULL ? strtoul(length + 15, NULL, 10) : 0;
    if (have >= (size_t)(end + 4 - in) + size) return 1;
  }
}

int main(void) {
  const char *api = getenv("AWS_LAMBDA_RUNTIME_API");
  const int fd = api != NULL ? connect_to(api) : -1;
  if (fd < 0) return 1;
  for (;;) {
    if (write(fd, next, sizeof next - 1) < 0 || !read_answer(fd)) return 0;
    const char *id = strcasestr(in, "request-id:");
    const int size = snprintf(out, sizeof out,
                              "POST /2018-06-01/runtime/invocation/%ld/response HTTP/1.1\r\n"
                              "Host: runtime\r\nContent-Length: %zu\r\n\r\n%s",
                              id != NULL ? strtol(id + 11, NULL, 10) : 0, sizeof body - 1, body);
    if (write(fd, out, (size_t)size) < 0 || !read_answer(fd)) return 0;
  }
}
