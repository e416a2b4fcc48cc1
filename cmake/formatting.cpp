// SPDX-License-Identifier: Apache-2.0
// What {fmt} needs once in a program. Debian has no archive of it; header-only it would be compiled
// again in every file, and was almost half of all compile time.
#include <fmt/format-inl.h>

FMT_BEGIN_NAMESPACE
namespace detail {

template FMT_API auto dragonbox::to_decimal(float number) noexcept -> dragonbox::decimal_fp<float>;
template FMT_API auto dragonbox::to_decimal(double number) noexcept
    -> dragonbox::decimal_fp<double>;

template FMT_API auto thousands_sep_impl(locale_ref locale) -> thousands_sep_result<char>;
template FMT_API auto decimal_point_impl(locale_ref locale) -> char;
template FMT_API auto thousands_sep_impl(locale_ref locale) -> thousands_sep_result<wchar_t>;
template FMT_API auto decimal_point_impl(locale_ref locale) -> wchar_t;

template FMT_API void buffer<char>::append(const char* begin, const char* end);
template FMT_API void buffer<wchar_t>::append(const wchar_t* begin, const wchar_t* end);

template FMT_API void vformat_to(buffer<char>& out, string_view format,
                                 basic_format_args<buffer_context<char>> arguments,
                                 locale_ref locale);

}  // namespace detail
FMT_END_NAMESPACE
