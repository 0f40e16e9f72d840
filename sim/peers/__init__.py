"""Other people's cores, verilated and run as ours, to compare the speed of simulation."""
