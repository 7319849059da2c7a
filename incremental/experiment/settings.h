#pragma once
// The settings of a run as run.json keeps them, and the ids by which runs are compared.

#include <nlohmann/json.hpp>
#include <string>

#include "incremental/experiment/experiment_options.h"

namespace mneme {

/// How settings describe a data set: its name, its sizes, and an id computed from its whole content.
nlohmann::json data_settings(const Dataset& data);

/// Everything in `options` that decides the results, as run.json keeps it. `data` is what data_settings() returned.
nlohmann::json settings_of(const ExperimentOptions& options, const nlohmann::json& data, const Scenario& scenario);

/// The settings that must be equal where methods and seeds are compared: class order, splits, training, memory, network
/// and prediction rule. Method, seed, machine and data set are not among them.
nlohmann::json protocol_of(const ExperimentOptions& options, const Scenario& scenario);
/// The first 12 hexadecimal digits of SHA-256 over protocol_of(): equal for runs that may be compared.
std::string protocol_id(const ExperimentOptions& options, const Scenario& scenario);

/// One or two sentences for the report: how exactly a run on this device, with its present settings, can be repeated.
std::string guarantee_of(Device device);

/// The settings that the weights after the first task depend on. `loss` names the loss that the first task minimises.
nlohmann::json first_task_settings(const ExperimentOptions& options, const nlohmann::json& data,
                                   const Scenario& scenario, const std::string& loss);

}  // namespace mneme
