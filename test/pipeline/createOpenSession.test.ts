import { describe, expect, test } from 'vitest'
import { GraphBuilder } from '../../core/onnx/GraphBuilder.ts'
import { multiply } from '../../core/onnx/operators.ts'
import { createOpenSession } from '../../pipeline/node/createOpenSession.ts'

/** y = weight · x, float32[2]. */
function weighted(): Uint8Array<ArrayBuffer> {
  const g = new GraphBuilder('weighted')
  const weight = g.externalWeight('w', 'float32', [2], { path: 'w.bin', byteOffset: 0, byteLength: 8 })
  g.output('y', multiply(g, weight, g.input('x', 'float32', [2])), [2])
  return g.write()
}
const weights = [{ path: 'w.bin', data: new Uint8Array(Float32Array.of(2, 3).buffer) }]

describe('createOpenSession', () => {
  test('runs a graph with its external data', async () => {
    const session = await createOpenSession(1)(weighted(), weights)
    const { y } = await session.run({ x: { type: 'float32', data: Float32Array.of(1, 10), dims: [2] } })
    await session.close()
    expect(y).toEqual({ type: 'float32', data: Float32Array.of(2, 30), dims: [2] })
  })

  test('turns what ONNX Runtime refuses into model/failed', async () => {
    const open = createOpenSession(null)
    await expect(open(weighted(), [])).rejects.toMatchObject({ code: 'model/failed' })
    const session = await open(weighted(), weights)
    await expect(session.run({})).rejects.toMatchObject({
      code: 'model/failed',
      message: expect.stringMatching(/^ONNX Runtime: .*x/),
    })
    await session.close()
  })
})
