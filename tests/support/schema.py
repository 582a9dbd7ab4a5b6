#!/usr/bin/env python3
"""Checks JSON documents against a schema of reports/schema.

usage: schema.py SCHEMA.json DOCUMENT.json...
Knows the words of JSON Schema that our schemas use, and refuses a schema with others.
"""
import json
import os
import re
import sys

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
WORDS = {"$schema", "$ref", "title", "description", "definitions", "type", "const", "enum",
         "pattern", "required", "properties", "additionalProperties", "items", "allOf"}
files = {}


def load(path):
    if path not in files:
        with open(path, encoding="utf-8") as file:
            files[path] = json.load(file)
    return files[path]


def has_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def resolve(reference, path):
    name, _, pointer = reference.partition("#")
    target = os.path.join(os.path.dirname(path), name) if name else path
    schema = load(target)
    for part in pointer.strip("/").split("/") if pointer.strip("/") else []:
        schema = schema[part]
    return schema, target


def check(value, schema, path, where, faults):
    unknown = set(schema) - WORDS
    if unknown:
        raise SystemExit("schema.py: %s: unknown words %s" % (path, sorted(unknown)))
    if "$ref" in schema:
        target, target_path = resolve(schema["$ref"], path)
        check(value, target, target_path, where, faults)
    for part in schema.get("allOf", []):
        check(value, part, path, where, faults)
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(has_type(value, name) for name in types):
        faults.append("%s: %r is no %s" % (where, value, " or ".join(types)))
        return
    if "const" in schema and value != schema["const"]:
        faults.append("%s: %r is not %r" % (where, value, schema["const"]))
    if "enum" in schema and value not in schema["enum"]:
        faults.append("%s: %r is none of %s" % (where, value, schema["enum"]))
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        faults.append("%s: %r does not match %s" % (where, value, schema["pattern"]))
    if isinstance(value, dict):
        for key in schema.get("required", []):
            if key not in value:
                faults.append("%s: has no %s" % (where, key))
        properties = schema.get("properties", {})
        for key, item in value.items():
            inner = properties.get(key, schema.get("additionalProperties"))
            if isinstance(inner, dict):
                check(item, inner, path, "%s.%s" % (where, key), faults)
    if isinstance(value, list) and "items" in schema:
        for i, item in enumerate(value):
            check(item, schema["items"], path, "%s[%d]" % (where, i), faults)


def check_sums(document, faults):
    """The sum row covers all rows, so it equals their sum when none is left out. Of differences, whose
    unchanged rows are, only the changes."""
    is_diff = document["schema"].split("/")[1].endswith("-diff")
    for name, table in document.get("tables", {}).items():
        if table["rows_omitted"] or not table["sum"]:
            continue
        for column, total in table["sum"].items():
            if is_diff and "change_" + column.removeprefix("base_") in table["sum"]:
                continue
            got = sum(row[column] or 0 for row in table["rows"])
            if got != total:
                faults.append("tables.%s.sum.%s: %d, the rows add up to %d" % (name, column, total, got))


def no_constant(word):
    raise ValueError("%s is no JSON" % word)


def main(schema_path, *documents):
    status = 0
    for path in documents:
        faults = []
        with open(path, encoding="utf-8") as file:
            document = json.load(file, parse_constant=no_constant)
        check(document, load(schema_path), schema_path, "document", faults)
        check_sums(document, faults)
        for fault in faults[:20]:
            print("%s: %s" % (path, fault))
        status = 1 if faults else status
    return status


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    sys.exit(main(*sys.argv[1:]))
