"""Writes an LFS image file whose fault only a check of the whole structure finds.

Usage: breakimage.py IMAGE OUT. One string more is counted than there are; length and sums are right.
"""

import gzip
import sys
import zlib

STRING_COUNT = 16  # of the header

image = bytearray(gzip.decompress(open(sys.argv[1], "rb").read()))
image[STRING_COUNT] += 1
packer = zlib.compressobj(0, zlib.DEFLATED, 31)
open(sys.argv[2], "wb").write(packer.compress(bytes(image)) + packer.flush())
