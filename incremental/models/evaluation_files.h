#pragma once
// A model's evaluation as text, JSON, tables and pictures.

#include <nlohmann/json.hpp>
#include <string>

#include "incremental/models/model_evaluation.h"

namespace mneme {

/// The evaluation as a table for a terminal.
std::string as_text(const ModelEvaluation& evaluation, const ModelInfo& model);

/// Everything but outputs and confusion, as fractions of 1. The rows of accuracies have the names that summary.json
/// gives to its matrices: the last row of each is what the run itself measured after the same task.
nlohmann::json as_json(const ModelEvaluation& evaluation, const ModelInfo& model);

/// A line per class: class,name,original_label,task,images,task_agnostic,top5_task_agnostic,task_aware.
std::string classes_csv(const ModelEvaluation& evaluation, const ModelInfo& model);
/// The confusion matrix as confusion_csv() of incremental/protocol/confusion_csv.h writes it.
std::string confusion_csv(const ModelEvaluation& evaluation, const ModelInfo& model);
/// A line per bin: confidence_above,confidence_up_to,images,accuracy,mean_confidence.
std::string calibration_csv(const ModelEvaluation& evaluation);
/// The reliability diagram: accuracy over confidence, and the diagonal of a calibrated model.
std::string reliability_svg(const ModelEvaluation& evaluation);

}  // namespace mneme
