#include "incremental/models/model_info.h"

#include <algorithm>
#include <numeric>

#include "engine/base/error.h"

namespace mneme {
namespace {

using nlohmann::json;

constexpr int format = 1;
constexpr int most_side = 1 << 16;

json network_as_json(const NetworkOptions& network) {
  return {{"name", network.name},
          {"shortcut", name_of(shortcut_of(network))},
          {"last_relu", network.last_relu},
          {"signed_blocks", network.signed_blocks},
          {"signed_maps", network.signed_maps},
          {"kernel_scales", network.kernel_scales}};
}

NetworkOptions network_of(const json& from) {
  NetworkOptions network;
  from.at("name").get_to(network.name);
  network.shortcut = shortcut_named(from.at("shortcut").get<std::string>());
  from.at("last_relu").get_to(network.last_relu);
  from.at("signed_blocks").get_to(network.signed_blocks);
  from.at("signed_maps").get_to(network.signed_maps);
  from.at("kernel_scales").get_to(network.kernel_scales);
  return network;
}

json images_as_json(const ImageSetInfo& images, int short_side) {
  return {{"channels", images.channels},
          {"height", images.height},
          {"width", images.width},
          {"scale", "pixels / 255"},
          {"mean", images.normalisation.mean},
          {"std", images.normalisation.std},
          {"resize_short_side", short_side},
          {"resize", short_side ? "antialiased bilinear, then the middle is cropped" : "none"}};
}

void read_images(const json& from, ImageSetInfo& images, int& short_side) {
  from.at("channels").get_to(images.channels);
  from.at("height").get_to(images.height);
  from.at("width").get_to(images.width);
  from.at("mean").get_to(images.normalisation.mean);
  from.at("std").get_to(images.normalisation.std);
  from.at("resize_short_side").get_to(short_side);
}

json accuracy_as_json(const ModelAccuracy& accuracy) {
  return {{"test_images", accuracy.test_images},
          {"task_agnostic", accuracy.task_agnostic},
          {"top5_task_agnostic", accuracy.top5_task_agnostic},
          {"task_aware", accuracy.task_aware}};
}

void read_accuracy(const json& from, ModelAccuracy& accuracy) {
  from.at("test_images").get_to(accuracy.test_images);
  from.at("task_agnostic").get_to(accuracy.task_agnostic);
  from.at("top5_task_agnostic").get_to(accuracy.top5_task_agnostic);
  from.at("task_aware").get_to(accuracy.task_aware);
}

ModelInfo read(const json& from) {
  ModelInfo info;
  info.network = network_of(from.at("network"));
  info.classifier = classifier_named(from.at("classifier").get<std::string>());
  from.at("merged_heads").get_to(info.merged_heads);
  from.at("task_sizes").get_to(info.task_sizes);
  from.at("tasks_planned").get_to(info.tasks_planned);
  from.at("class_names").get_to(info.class_names);
  from.at("original_labels").get_to(info.original_labels);
  from.at("data_set").get_to(info.images.name);
  read_images(from.at("image"), info.images, info.short_side);
  from.at("method").get_to(info.method);
  from.at("prediction_rule").get_to(info.prediction_rule);
  from.at("protocol").get_to(info.protocol);
  from.at("data_id").get_to(info.data_id);
  info.pretrained = from.value("pretrained", "");
  from.at("version").get_to(info.version);
  from.at("device").get_to(info.device);
  from.at("exact_convolutions").get_to(info.exact_convolutions);
  from.at("seed").get_to(info.seed);
  read_accuracy(from.at("accuracy"), info.accuracy);
  return info;
}

bool is_side(int pixels) { return pixels > 0 && pixels <= most_side; }

/// The reason why the description contradicts itself; empty if it does not.
std::string fault_of(const ModelInfo& info) {
  const ImageSetInfo& images = info.images;
  const auto channels = static_cast<size_t>(std::max(images.channels, 0));
  if (info.task_sizes.empty() || !std::ranges::all_of(info.task_sizes, [](int size) { return size > 0; }))
    return "its tasks have no classes";
  if (std::accumulate(info.task_sizes.begin(), info.task_sizes.end(), int64_t{0}) != info.classes())
    return fmt::format("its tasks do not have {} classes in all", info.classes());
  if (info.original_labels.size() != info.class_names.size()) return "classes and original labels differ in number";
  if (images.channels != 3 || !is_side(images.height) || !is_side(images.width) || info.short_side < 0 ||
      info.short_side > most_side)
    return "its image size is impossible";
  if (images.normalisation.mean.size() != channels || images.normalisation.std.size() != channels ||
      !std::ranges::all_of(images.normalisation.std, [](float deviation) { return deviation > 0; }))
    return "its normalisation is impossible";
  return "";
}

}  // namespace

json as_json(const ModelInfo& info) {
  json out = {{"format", format},
              {"network", network_as_json(info.network)},
              {"classifier", name_of(info.classifier)},
              {"merged_heads", info.merged_heads},
              {"task_sizes", info.task_sizes},
              {"tasks_planned", info.tasks_planned},
              {"class_names", info.class_names},
              {"original_labels", info.original_labels},
              {"data_set", info.images.name},
              {"image", images_as_json(info.images, info.short_side)},
              {"method", info.method},
              {"prediction_rule", info.prediction_rule},
              {"protocol", info.protocol},
              {"data_id", info.data_id},
              {"version", info.version},
              {"device", info.device},
              {"exact_convolutions", info.exact_convolutions},
              {"seed", info.seed},
              {"accuracy", accuracy_as_json(info.accuracy)}};
  if (!info.pretrained.empty()) out["pretrained"] = info.pretrained;
  return out;
}

ModelInfo model_info(const json& from, const std::string& name) {
  const int theirs =
      from.is_object() && from.contains("format") && from["format"].is_number_integer() ? from["format"].get<int>() : 0;
  MNEME_CHECK(theirs == format,
              "{}: describes itself in format {}, and this version reads format {}; use the version that wrote it",
              name, theirs, format);
  ModelInfo info;
  try {
    info = read(from);
  } catch (const json::exception& error) {
    fail("{}: its description is incomplete ({}); write the model again", name, error.what());
  } catch (const UsageError& error) {
    fail("{}: its description has an {}", name, error.what());
  }
  const std::string fault = fault_of(info);
  MNEME_CHECK(fault.empty(), "{}: its description contradicts itself: {}; write the model again", name, fault);
  return info;
}

}  // namespace mneme
