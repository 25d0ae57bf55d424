"""Carries out statements, a JSON array of texts in the file that is named, and prints what became of each as a JSON array: null,
or the engine's complaint. The first line says which engine it is."""

import json
import os
import sys
import tempfile

from chdb import session

# Not on standard input: engines of old take whatever comes in there for a table.
with open(sys.argv[1], encoding="utf-8") as file:
    statements = json.load(file)

with tempfile.TemporaryDirectory() as folder:
    engine = session.Session(folder)

    def complaint(statement):
        try:
            engine.query(statement)
        except Exception as error:
            return str(error).strip()
        return None

    engine.query("CREATE DATABASE tributary")
    engine.query("USE tributary")
    print(str(engine.query("SELECT version()", "TabSeparated")).strip())
    print(json.dumps([complaint(statement) for statement in statements]))
    sys.stdout.flush()
# Its threads have nothing left to say, and would be waited for.
os._exit(0)
