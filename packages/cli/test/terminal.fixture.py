"""Runs a program on a pseudo-terminal of 80 columns, passes on what it writes, and ends with its code.

usage: terminal.fixture.py UNTIL PROGRAM ARGUMENT...: presses Ctrl-C once UNTIL is shown, never if it is empty
"""

import fcntl
import os
import pty
import struct
import sys
import termios

until, program = sys.argv[1].encode(), sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.execvp(program[0], program)

shown, is_pressed = b"", False
while True:
    try:
        text = os.read(terminal, 65536)
    except OSError:  # the program has ended
        break
    if not text:
        break
    os.write(1, text)
    shown += text
    if until and not is_pressed and until in shown:
        os.write(terminal, b"\x03")
        is_pressed = True

_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status))
