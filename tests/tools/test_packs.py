#!/usr/bin/env python3
"""The kernels that are to move 16 bytes at a time do so in the code that nvcc makes of them (engine/ops/packs.h).

  test_packs.py NVCC          compiles two sources to PTX and looks at each access to global memory
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
NVCC = sys.argv.pop(1) if len(sys.argv) > 1 else "nvcc"
FLAGS = ["-x", "cu", "-std=c++20", "-O3", "-ptx", "-arch=sm_90", "--expt-relaxed-constexpr", "-fmad=false",
         "-DMNEME_CUDA_BUILD", "-DMNEME_DEVICE_CODE", "-DFMT_USE_CONSTEXPR=1", f"-I{ROOT}"]


def kernels_of(source):
    """The PTX of each kernel of a source, by its mangled name."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "code.ptx"
        subprocess.run([NVCC, *FLAGS, str(ROOT / source), "-o", str(out)], check=True)
        parts = re.split(r"(?=\.entry )", out.read_text())[1:]
    return {re.match(r"\.entry (\w+)", part).group(1): part for part in parts}


def accesses(code):
    """The instructions that read or write global memory, except reads of the partial sums of other blocks."""
    return re.findall(r"\b((?:ld|st)\.global\S*)", code)


class Packs(unittest.TestCase):
    def test_affine_maps_read_and_write_nothing_but_vectors_and_divide_no_long_numbers(self):
        kernels = kernels_of("engine/deferred.cpp")
        wide = {name: code for name, code in kernels.items() if "each_pixel_pack" in name and "Follow" in name}
        self.assertEqual(len(wide), 12)  # f32, f64 and bf16; one or two images; with and without ReLU
        for name, code in wide.items():
            for access in accesses(code):
                self.assertRegex(access, r"\.v[24]\.", name)
            self.assertNotRegex(code, r"\b(div|rem)\.[su]64", name)
        sums = {name: code for name, code in kernels.items() if "channel_sums_of" in name and "Bf16" in name}
        self.assertEqual(len(sums), 2)  # loops over packs, and loops over single channels for images without packs
        by_packs = [code for code in sums.values() if ".u16" not in " ".join(accesses(code))]
        self.assertEqual(len(by_packs), 1)
        self.assertEqual(len(re.findall(r"ld\.global\.v4", by_packs[0])), 5)  # the gradient, the deferred operation, y, z and z2
        self.assertEqual(len(re.findall(r"st\.global\.v4", by_packs[0])), 1)

    def test_updates_of_parameters_read_and_write_vectors(self):
        kernels = kernels_of("optim/sgd.cpp")
        wide = [code for name, code in kernels.items() if "each_pack" in name and "StepIf" in name]
        self.assertEqual(len(wide), 1)
        vectors = [access for access in accesses(wide[0]) if ".v4." in access]
        self.assertGreaterEqual(sum(access.startswith("ld") for access in vectors), 3)
        self.assertGreaterEqual(sum(access.startswith("st") for access in vectors), 2)


if __name__ == "__main__":
    unittest.main()
