#!/usr/bin/env bash
# One run of a grid: sweep-array.sh DATA [OPTION OF eloss train ...], which one says SLURM_ARRAY_TASK_ID, from 0.
# On a queue: sbatch --array=0-5 --requeue scripts/sweep-array.sh DATA ...; here: for i in {0..5}; do SLURM_ARRAY_TASK_ID=$i ...; done
set -euo pipefail
data=$1
shift
rates=(3e-4 1e-3 3e-3)
weights=(0 1e-2)
i=${SLURM_ARRAY_TASK_ID:?which run of the grid}
rate=${rates[i % 3]}
weight=${weights[i / 3]}
exec eloss train --data "$data" --entropy-loss --out "runs/grid/rate-$rate-weight-$weight" \
  --set training.learningRate="$rate" --set entropyLoss.weight="$weight" --json "$@"
