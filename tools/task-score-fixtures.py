"""Makes core/src/test/resources/scores/tasks.json: measures of tasks by other programs.

    python tools/task-score-fixtures.py SEQEVAL CMRC > core/src/test/resources/scores/tasks.json

Needs scikit-learn and transformers (whose squad_metrics is the script of SQuAD 2). SEQEVAL is a
checkout of chakki-works/seqeval, CMRC the file cmrc2018_evaluate.py of ymcui/cmrc2018 (data/).
Its splitter of words, nltk's, is replaced by spaces: the texts have no words that it would cut.
"""
import json
import pathlib
import random
import sys
import types

sys.path.insert(0, sys.argv[1])
from seqeval.metrics import accuracy_score, f1_score, precision_score, recall_score  # noqa: E402
from sklearn import metrics  # noqa: E402
from transformers.data.metrics.squad_metrics import compute_exact, compute_f1  # noqa: E402

nltk = types.ModuleType("nltk")
nltk.word_tokenize = str.split
sys.modules["nltk"] = nltk
cmrc = types.ModuleType("cmrc")
source = pathlib.Path(sys.argv[2]).read_text()  # of Python 2
for before, after in (("reload(sys)", ""), ("sys.setdefaultencoding('utf8')", ""),
                      (".decode('utf-8')", ""), ("ur'", "r'")):
    source = source.replace(before, after)
exec(source, cmrc.__dict__)

SQUAD = [("The Eiffel Tower", ["Eiffel Tower", "the tower"]), ("in 1889, Paris", ["1889"]),
         ("a cat", ["dog"]), ("", []), ("Rome", []), ("an old  man's hat", ["old man's hat!"]),
         ("theatre", ["the theatre"]), ("to be or not to be", ["be to be"]), ("the", ["a"])]
CMRC = [("北京大学", ["北京大学", "北大"]), ("在北京", ["北京。"]), ("1949年10月", ["1949年"]),
        ("《红楼梦》的作者", ["红楼梦"]), ("东京", ["大阪"]), ("ABC 公司", ["abc公司"]),
        ("他说：“好”", ["他说好"])]


def classes(generator, count, labels, skill):
    own = [generator.randrange(labels) for _ in range(count)]
    other = [one if generator.random() < skill else generator.randrange(labels) for one in own]
    return dict(classes=own, predictions=other, labels=5,
                accuracy=metrics.accuracy_score(own, other),
                macroF1=metrics.f1_score(own, other, average="macro"),
                matthews=metrics.matthews_corrcoef(own, other))


def tags(generator, count):
    kinds = ["O", "O", "O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
    return [[generator.choice(kinds) for _ in range(generator.randrange(1, 9))]
            for _ in range(count)]


def entities(generator):
    own = tags(generator, 40)
    other = [[tag if generator.random() < 0.8 else generator.choice(["O", "B-PER", "I-LOC"])
              for tag in line] for line in own]
    return dict(tags=own, predictions=other, entityF1=f1_score(own, other),
                precision=precision_score(own, other), recall=recall_score(own, other),
                tagAccuracy=accuracy_score(own, other))


def squad(answer, right):
    gold = right or [""]
    return dict(answer=answer, right=right, exact=max(compute_exact(one, answer) for one in gold),
                f1=max(compute_f1(one, answer) for one in gold))


generator = random.Random(1)
print(json.dumps(dict(
    classes=[classes(generator, 60, 4, 0.7), classes(generator, 20, 2, 0.5),
             classes(generator, 12, 1, 1)],
    entities=entities(generator),
    squad=[squad(*one) for one in SQUAD],
    cmrc=[dict(answer=answer, right=right, exact=cmrc.calc_em_score(right, answer),
               f1=cmrc.calc_f1_score(right, answer)) for answer, right in CMRC]),
    ensure_ascii=False))
