"""Writes views.pth and views.expected.json: what torch.save makes of half precision, views, parameters and shared storages."""

import json
from collections import OrderedDict
from pathlib import Path

import torch

HERE = Path(__file__).parent

base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 8 - 1
state = OrderedDict(
    plain=base,
    transposed=base.T,
    columns=base[:, 1:6:2],
    rows=base[2:],
    permuted=torch.arange(24, dtype=torch.float32).reshape(2, 3, 4).permute(2, 0, 1),
    expanded=torch.tensor([1.5, -2.5]).expand(3, 2),
    scalar=torch.tensor(0.1),
    empty=torch.zeros(0, 3),
    parameter=torch.nn.Parameter(torch.tensor([3.0, -4.0])),
    half=torch.tensor([1 / 3, 65504, 2.0**-24, -0.0]).half(),
    half_transposed=torch.arange(6).reshape(2, 3).half().T,
    bfloat16=torch.tensor([1 / 3, 3e38, -1e-40]).bfloat16(),
)
# As nn.Module.state_dict() leaves it: an attribute beside the entries, pickled by a BUILD opcode.
state._metadata = OrderedDict([("", {"version": 1})])

torch.save(state, HERE / "views.pth")
expected = {
    key: {"shape": list(tensor.shape), "values": tensor.detach().float().flatten().tolist()}
    for key, tensor in state.items()
}
(HERE / "views.expected.json").write_text(json.dumps(expected) + "\n")
print(torch.__version__)
