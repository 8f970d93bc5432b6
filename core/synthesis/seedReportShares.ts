/**
 * Active subcomponents of 4,000 in each module: table 1 of "First Look at Stochastic Parameter Decomposition on
 * SimpleStories" by Chandan Sreedhara, its column "Active (≥ 1)" (causal importance above 0.01 at one of ~8 M positions).
 */
const ACTIVE: Readonly<Record<string, readonly number[]>> = {
  'self_attn.q_proj': [131, 2099, 2198, 1984],
  'self_attn.k_proj': [98, 2044, 2369, 2436],
  'self_attn.v_proj': [211, 1326, 1394, 2147],
  'self_attn.o_proj': [644, 134, 15, 154],
  'mlp.gate_proj': [2316, 1610, 1413, 3393],
  'mlp.up_proj': [2362, 1649, 1190, 3395],
  'mlp.down_proj': [1336, 615, 200, 3999],
}

/** C of every module there. */
export const SEED_REPORT_C = 4000

/** Share of active subcomponents by module path, of the seed report's run: 4 layers, 28 modules. */
export function seedReportShares(): ReadonlyMap<string, number> {
  return new Map(
    Object.entries(ACTIVE).flatMap(([part, counts]) =>
      counts.map((count, layer) => [`model.layers.${layer}.${part}`, count / SEED_REPORT_C] as const),
    ),
  )
}
