import type { InferenceSession, OpenSession } from '../graph/InferenceSession.ts'
import type { WeightPlan } from '../graph/WeightPlan.ts'
import { writeWeightPieces } from '../graph/writeWeightPieces.ts'

/** A session on a graph whose weights `plan` holds, all in memory. */
export async function openPlannedGraph(
  openSession: OpenSession,
  graph: Uint8Array,
  plan: WeightPlan,
): Promise<InferenceSession> {
  const pieces: { path: string; data: Uint8Array }[] = []
  for await (const { name, bytes } of writeWeightPieces(plan)) pieces.push({ path: name, data: bytes })
  return openSession(graph, pieces)
}
