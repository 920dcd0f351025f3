"""All of them."""

from corpus.attack import Attack
from corpus.on_files import FILES, LEFT_BEHIND
from corpus.on_limits import LIMITS
from corpus.on_the_host import HOST, SESSIONS
from corpus.on_the_machine import MACHINE

ATTACKS: tuple[Attack, ...] = (*FILES, *LEFT_BEHIND, *MACHINE, *LIMITS, *HOST, *SESSIONS)
