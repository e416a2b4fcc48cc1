// SPDX-License-Identifier: Apache-2.0
// The one source of the library that compiles the common headers for all the others.
