"""Names by which `sim.machine` and the simulator that it starts find each other's files."""

DIRECTORY = "DYNSTACK_JOB_DIRECTORY"
CONSOLE = "DYNSTACK_CONSOLE_DESCRIPTOR"
"""Environment variables of the simulator."""

JOB_FILE, STRAPS_FILE = "job.txt", "straps.json"
PROGRESS_FILE, ERROR_FILE = "progress.txt", "error.txt"
"""Files in the directory of a job."""
