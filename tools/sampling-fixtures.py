#!/usr/bin/env python3
"""Which tokens the logits processors of Hugging Face's transformers keep, and what they make of logits.

    python3 tools/sampling-fixtures.py > core/src/test/resources/sampling.json

A case is logits, the ids of the text so far, what was applied, and the scores afterwards (null: left out).
"""
import json
import sys

import torch
import transformers
from transformers import (
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    SequenceBiasLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
    TypicalLogitsWarper,
)

torch.manual_seed(7)
cases = []


def case(name, parameters, processor, spread):
    logits = torch.round(torch.randn(1, 40) * spread, decimals=4)
    ids = torch.randint(0, 40, (1, 12))
    scores = processor(ids, logits.clone())[0]
    cases.append({
        "step": name,
        "parameters": parameters,
        "ids": ids[0].tolist(),
        "logits": logits[0].tolist(),
        "scores": [None if s == -float("inf") else round(float(s), 6) for s in scores],
    })


for spread in (0.5, 3.0, 8.0):
    for penalty in (1.3, 0.7):
        case("repetition", [penalty], RepetitionPenaltyLogitsProcessor(penalty), spread)
    for count in (1, 7):
        case("top-k", [count], TopKLogitsWarper(count), spread)
    for mass in (0.2, 0.5, 0.95):
        case("top-p", [mass], TopPLogitsWarper(mass), spread)
        case("typical", [mass], TypicalLogitsWarper(mass), spread)
    for share in (0.05, 0.5):
        case("min-p", [share], MinPLogitsWarper(share), spread)
    case("temperature", [0.6], TemperatureLogitsWarper(0.6), spread)
    case("bias", [3, -2.5], SequenceBiasLogitsProcessor({(3,): -2.5}), spread)
json.dump({"transformers": transformers.__version__, "cases": cases}, sys.stdout)
print()
