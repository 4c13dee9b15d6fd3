"""Searches the learning rate and the weight of the Entropy Loss with Optuna: sweep-optuna.py DATA TRIALS [OPTION OF eloss train ...]

Each trial is one run of `eloss train` in runs/sweep. Several such programs may share the study, on one machine or on many; a trial whose
run is interrupted fails, and its folder can be gone on with by hand.
"""
import json
import subprocess
import sys

import optuna

data, trials, options = sys.argv[1], int(sys.argv[2]), sys.argv[3:]


def objective(trial):
    trial.suggest_float("training.learningRate", 1e-4, 1e-2, log=True)
    trial.suggest_float("entropyLoss.weight", 1e-3, 1, log=True)
    command = ["eloss", "train", "--data", data, "--entropy-loss", "--out", f"runs/sweep/{trial.number}", "--json", *options]
    for field, value in trial.params.items():
        command += ["--set", f"{field}={value!r}"]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(run.stdout)["lastEpochLoss"]


study = optuna.create_study(study_name="sweep", storage="sqlite:///sweep.db", load_if_exists=True)
study.optimize(objective, n_trials=trials, catch=subprocess.CalledProcessError)
print(f"loss {study.best_value:.4f} with {study.best_params}")
