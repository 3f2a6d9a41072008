"""Makes the examples of examples/tasks from novels and pairs of sentences.

    python3 tools/task-data.py DATA OUT

DATA holds texts/litbank (English novels as .txt) and sts/zh/LCQMC (pairs of Chinese questions);
OUT gets training, validation and test of five tasks as JSON lines. Novels are cut in three parts
before anything is drawn from them, so no paragraph is in two files.
"""
import json
import pathlib
import random
import re
import sys

SIZES = {"training": 2000, "validation": 200, "test": 400}
NOVELS = ["1342_pride_and_prejudice", "2489_moby_dick", "730_oliver_twist", "158_emma"]
PLACES = ["London", "Paris", "Rome", "Oslo", "Cairo", "Lima", "Kyoto", "Quito", "Delhi", "Bern"]
PEOPLE = ["Anna", "Boris", "Clara", "David", "Edith", "Felix", "Greta", "Hugo", "Irene", "Jonas"]
FAMILIES = ["Novak", "Smith", "Weber", "Rossi", "Tanaka", "Silva", "Moreau", "Larsen"]


def paragraphs(data, novel):
    text = next((data / "texts/litbank").glob(novel + "*.txt")).read_text(errors="replace")
    parts = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
    return [part for part in parts if 80 <= len(part) <= 400]


def thirds(items):
    cut = len(items) // 10
    return {"training": items[2 * cut:], "validation": items[:cut], "test": items[cut:2 * cut]}


def sentences(paragraph):
    return [one for one in re.split(r"(?<=[.!?]) ", paragraph) if len(one) > 15]


def classification(data, generator):
    parts = {novel: thirds(paragraphs(data, novel)) for novel in NOVELS}
    for name, count in SIZES.items():
        yield name, [{"text": generator.choice(parts[novel][name]), "label": novel.split("_", 1)[1]}
                     for novel in generator.choices(NOVELS, k=count)]


def pairs(data, generator):
    lines = [line.split("\t") for file in sorted((data / "sts/zh/LCQMC").iterdir())
             for line in file.read_text().splitlines()]
    lines = [line for line in lines if len(line) == 3 and all(part.strip() for part in line)]
    generator.shuffle(lines)
    parts = thirds(lines)
    for name, count in SIZES.items():
        yield name, [{"text": a, "pair": b, "label": int(label)} for a, b, label in
                     parts[name][:count]]


def choice(data, generator):
    parts = {novel: thirds(paragraphs(data, novel)) for novel in NOVELS}
    for name, count in SIZES.items():
        examples = []
        while len(examples) < count:
            novel = generator.choice(NOVELS)
            own = sentences(generator.choice(parts[novel][name]))
            if len(own) > 1:
                others = [sentences(generator.choice(parts[other][name]))
                          for other in generator.sample(NOVELS, 3)]
                choices = [own[1]] + [other[0] for other in others if other]
                answer = generator.randrange(len(choices))
                choices[0], choices[answer] = choices[answer], choices[0]
                if len(set(choices)) > 1:
                    examples.append({"text": own[0], "choices": choices, "answer": answer})
        yield name, examples


def facts(generator):
    """Made-up sentences about some people, each of a place and a year."""
    lines = []
    for person in generator.sample(PEOPLE, 3):
        family = generator.choice(FAMILIES)
        place, year = generator.choice(PLACES), str(generator.randrange(1850, 2000))
        verb = generator.choice(["was born in", "worked in", "came from", "moved to"])
        lines.append((person, family, place, year, f"{person} {family} {verb} {place} in {year}."))
    return lines


def reading(data, generator):
    for name, count in SIZES.items():
        examples = []
        for _ in range(count):
            lines = facts(generator)
            text = " ".join(line[4] for line in lines)
            person, family, place, year, line = generator.choice(lines)
            where = generator.random() < 0.5
            answer = place if where else year
            start = text.index(line) + line.index(answer)
            question = f"{'Where' if where else 'When'} was {person} {family}?"
            known = generator.random() < 0.8
            if not known:
                question = f"{'Where' if where else 'When'} was Zoe Zimmer?"
            examples.append({"question": question, "context": text, "answers":
                             [{"text": answer, "start": start}] if known else []})
        yield name, examples


def tagging(data, generator):
    for name, count in SIZES.items():
        examples = []
        for _ in range(count):
            text, entities = "", []
            for person, family, place, year, line in facts(generator):
                start = len(text)
                at = start + line.index(place)
                entities += [
                    {"start": start, "end": start + len(person) + 1 + len(family), "label": "PER"},
                    {"start": at, "end": at + len(place), "label": "LOC"}]
                text += line + " "
            examples.append({"text": text.strip(), "entities": entities})
        yield name, examples


if __name__ == "__main__":
    source, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    for number, make in enumerate([classification, pairs, choice, reading, tagging]):
        for name, examples in make(source, random.Random(number)):
            (out / f"{make.__name__}-{name}.jsonl").write_text("".join(
                json.dumps(one, ensure_ascii=False) + "\n" for one in examples))
