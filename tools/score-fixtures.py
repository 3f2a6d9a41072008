#!/usr/bin/env python3
"""Writes pairs of texts and what sacrebleu and rouge-score say of them.

    python3 -m venv venv && venv/bin/pip install sacrebleu==2.6.0 rouge-score==0.1.2
    venv/bin/python tools/score-fixtures.py core/src/test/resources/scores/scores.json

BLEU is that of `sacrebleu.metrics.BLEU()` (13a, exponential smoothing), chrF that of
`sacrebleu.metrics.CHRF()`: for each pair alone, and for all pairs of every ten as a corpus.
ROUGE is the F1 of `RougeScorer` (rouge-score, Google Research) without stems.
"""
import json
import random
import sys

import sacrebleu
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics import BLEU, CHRF

PAIRS = 200
WORDS = (
    "the a of model reads long text past its window 3.5 1,024 10-20 don't it's e.g. U.S. \"quoted\" "
    "(inner) [x] {y} a/b x=1 &amp; &quot; <tag> … — “curly” naïve Größe 日本語 数据 😀 50% $5 #7 @name "
    "end. stop, why? no! semi; colon: under_score tilde~ back`tick"
).split()


def sentence(rng):
    return " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 24)))


def changed(rng, text):
    words = text.split(" ")
    for _ in range(rng.randint(0, 4)):
        at = rng.randrange(len(words))
        kind = rng.randrange(4)
        if kind == 0:
            words[at] = rng.choice(WORDS)
        elif kind == 1 and len(words) > 1:
            del words[at]
        elif kind == 2:
            words.insert(at, rng.choice(WORDS))
        else:
            words[at] = words[at].upper()
    return rng.choice([" ", "  ", "\n", "\t "]).join(words)


def rouge(scorer, candidate, reference):
    return {name: score.fmeasure for name, score in scorer.score(reference, candidate).items()}


def main(path):
    rng = random.Random(7)
    bleu, chrf = BLEU(), CHRF()
    scorer = RougeScorer(["rouge1", "rouge2", "rougeL"])
    pairs = []
    for number in range(PAIRS):
        reference = sentence(rng)
        candidate = sentence(rng) if number % 9 == 8 else changed(rng, reference)
        if number % 50 == 49:
            candidate = "."
        pairs.append([candidate, reference])
    rows = [
        {
            "candidate": c,
            "reference": r,
            "bleu": bleu.corpus_score([c], [[r]]).score,
            "chrf": chrf.corpus_score([c], [[r]]).score,
            **rouge(scorer, c, r),
        }
        for c, r in pairs
    ]
    corpora = []
    for start in range(0, PAIRS, 10):
        part = pairs[start : start + 10]
        c, r = [p[0] for p in part], [p[1] for p in part]
        corpora.append(
            {"bleu": bleu.corpus_score(c, [r]).score, "chrf": chrf.corpus_score(c, [r]).score}
        )
    made = {"sacrebleu": sacrebleu.__version__, "pairs": rows, "corpora": corpora}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(made, file, ensure_ascii=False, indent=0)
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
