"""One measurement in a process of its own: so many threads, no GPU, nothing left from before."""

import json
import os
import subprocess
import sys

THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


def in_a_process(program: str, framework: str, arguments: list[str], threads: int) -> dict:
    """Return what a program of this folder prints as JSON when it measures one framework.

    Parameters
    ----------
    program : str
        Its file, which knows the option `--measure`.
    arguments : list of str
        Its further options.
    """
    environment = {
        **os.environ,
        **dict.fromkeys(THREADS, str(threads)),
        "OMP_WAIT_POLICY": "PASSIVE",
        "TOKENIZERS_PARALLELISM": "false",
        "CUDA_VISIBLE_DEVICES": "",
        "COURSE_DEVICE": "cpu",
        "COURSE_PROGRESS": "0",
    }
    command = [sys.executable, program, "--measure", framework, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"The measurement of {framework} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])
