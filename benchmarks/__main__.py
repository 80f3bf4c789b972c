"""``python -m benchmarks [NAME …]``: measures, prints each figure beside its goal, and keeps the results.

--list     what there is to measure
--table    the table of all results kept, without measuring
--publish  put that table into docs/speed.md
"""

from __future__ import annotations

import argparse
import sys
import traceback

from benchmarks import registry, results


def main() -> int:
    """Returns how many benchmarks could not be run; a missed goal is a result, not a failure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="measure only these")
    parser.add_argument("--list", action="store_true", help="say what there is to measure")
    parser.add_argument("--table", action="store_true", help="print the table of all results kept")
    parser.add_argument("--publish", action="store_true", help="put the table of all results kept into docs/speed.md")
    arguments = parser.parse_args()
    names = arguments.names or registry.BENCHMARKS
    unknown = set(names) - set(registry.BENCHMARKS)
    if unknown:
        parser.error(f"there is no benchmark {min(unknown)!r}; --list names them")
    if arguments.list:
        for name in names:
            print(f"{name:<16} {(registry.load(name).__doc__ or '').partition(chr(10))[0]}")
        return 0
    failed = 0 if arguments.table or arguments.publish else sum(not _measured(name) for name in names)
    table = results.table(results.kept(registry.BENCHMARKS))
    if arguments.table or len(names) > 1:
        print(f"\n# all\n{table}")
    if results.FOLDER.exists():
        (results.FOLDER / "table.md").write_text(table, encoding="utf-8")
    if arguments.publish:
        results.publish(table)
    return failed


def _measured(name: str) -> bool:
    print(f"\n# {name}", flush=True)
    try:
        figures = list(registry.load(name).run())
    except Exception:  # noqa: BLE001 - the others are still worth measuring
        traceback.print_exc()
        return False
    results.save(name, figures)
    print(results.table(figures), flush=True)
    return True


if __name__ == "__main__":  # not in the processes that benchmarks start
    sys.exit(main())
