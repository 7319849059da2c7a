#include "apps/report/picture.h"

#include <cairo-pdf.h>
#include <cairo.h>
#include <librsvg/rsvg.h>

#include <cmath>
#include <memory>

#include "engine/base/error.h"

namespace mneme {
namespace {

constexpr double points_per_inch = 72;
constexpr double most_pixels = 30000;  // pixels of each side: cairo's limit is 32767

/// Objects that librsvg and cairo allocate. They are freed by these libraries' own functions.
template <auto free>
struct Freed {
  template <class T>
  void operator()(T* pointer) const {
    free(pointer);
  }
};
using Handle = std::unique_ptr<RsvgHandle, Freed<g_object_unref>>;
using Surface = std::unique_ptr<cairo_surface_t, Freed<cairo_surface_destroy>>;
using Context = std::unique_ptr<cairo_t, Freed<cairo_destroy>>;

[[noreturn]] void fail_with(GError* error) {
  const std::string message = error ? error->message : "no reason given";
  g_clear_error(&error);
  fail("the figure cannot be converted: {}", message);
}

Handle handle_of(const std::string& svg) {
  GError* error = nullptr;
  Handle handle(rsvg_handle_new_from_data(reinterpret_cast<const guint8*>(svg.data()), svg.size(), &error));
  if (!handle) fail_with(error);
  return handle;
}

cairo_status_t append(void* to, const unsigned char* bytes, unsigned int count) {
  static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(bytes), count);
  return CAIRO_STATUS_SUCCESS;
}

void draw(RsvgHandle* handle, cairo_surface_t* surface, double width, double height) {
  const Context context(cairo_create(surface));
  const RsvgRectangle whole{0, 0, width, height};
  GError* error = nullptr;
  if (!rsvg_handle_render_document(handle, context.get(), &whole, &error)) fail_with(error);
}

void check(cairo_surface_t* surface) {
  const cairo_status_t status = cairo_surface_status(surface);
  MNEME_CHECK(status == CAIRO_STATUS_SUCCESS, "the figure cannot be converted: {}", cairo_status_to_string(status));
}

std::string pdf_of(RsvgHandle* handle, double width, double height, const std::string& title) {
  std::string bytes;
  const Surface surface(cairo_pdf_surface_create_for_stream(append, &bytes, width, height));
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_TITLE, title.c_str());
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATOR, "Mneme");
  draw(handle, surface.get(), width, height);
  cairo_surface_finish(surface.get());
  check(surface.get());
  return bytes;
}

std::string png_of(RsvgHandle* handle, double width, double height, double dpi) {
  const double scale = dpi / points_per_inch, wide = std::ceil(width * scale), high = std::ceil(height * scale);
  MNEME_CHECK(wide <= most_pixels && high <= most_pixels,
              "a figure of {} x {} pixels is too large; ask for fewer than {:g} per inch", wide, high, dpi);
  const Surface surface(
      cairo_image_surface_create(CAIRO_FORMAT_ARGB32, static_cast<int>(wide), static_cast<int>(high)));
  check(surface.get());
  draw(handle, surface.get(), wide, high);
  std::string bytes;
  const cairo_status_t status = cairo_surface_write_to_png_stream(surface.get(), append, &bytes);
  MNEME_CHECK(status == CAIRO_STATUS_SUCCESS, "the figure cannot be converted: {}", cairo_status_to_string(status));
  return bytes;
}

}  // namespace

std::string picture_of(const std::string& svg, PictureFormat format, double dpi, const std::string& title) {
  if (format == PictureFormat::svg) return svg;
  const Handle handle = handle_of(svg);
  rsvg_handle_set_dpi(handle.get(), points_per_inch);  // so that a unit of the drawing below is a point
  double width = 0, height = 0;
  MNEME_CHECK(rsvg_handle_get_intrinsic_size_in_pixels(handle.get(), &width, &height),
              "the figure cannot be converted: it has no size");
  return format == PictureFormat::pdf ? pdf_of(handle.get(), width, height, title)
                                      : png_of(handle.get(), width, height, dpi);
}

}  // namespace mneme
