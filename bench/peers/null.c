/* SPDX-License-Identifier: Apache-2.0 */
/* The least program that prints its version. */
#include <stdio.h>

int main(void) {
  puts("null 0.1.0");
  return 0;
}
