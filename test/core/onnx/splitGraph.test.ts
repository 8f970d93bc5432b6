import { expect, test } from 'vitest'
import { GraphBuilder } from '../../../core/onnx/GraphBuilder.ts'
import { add, matMul, multiply } from '../../../core/onnx/operators.ts'
import { splitGraph } from '../../../core/onnx/splitGraph.ts'
import { createOpenSession } from '../../../pipeline/node/createOpenSession.ts'

/** hidden = x · x; seen = x + x; logits = hidden W + 1 with W of 2 × 3. */
function graph(): Uint8Array<ArrayBuffer> {
  const g = new GraphBuilder('product at the end')
  const x = g.input('x', 'float32', ['stories', 'positions', 2])
  g.output('seen', add(g, x, x), ['stories', 'positions', 2])
  const hidden = multiply(g, x, x)
  const logits = add(g, matMul(g, hidden, g.float([1, 0, 2, 0, 1, 3], [2, 3])), g.float([1]))
  g.output('logits', logits, ['stories', 'positions', 3])
  return g.write()
}

test('body and head in turn give what the whole gives', async () => {
  const { body, head, cut } = splitGraph(graph(), 'logits', ['seen'])
  const first = await createOpenSession(1)(body, [])
  const made = await first.run({ x: { type: 'float32', data: Float32Array.of(1, 2, 3, 4), dims: [1, 2, 2] } })
  expect(Object.keys(made).toSorted()).toEqual([cut, 'seen'].toSorted())
  expect(made[cut]?.data).toEqual(Float32Array.of(1, 4, 9, 16))
  const second = await createOpenSession(1)(head, [])
  // The second position alone: 9 + 1, 16 + 1, 18 + 48 + 1.
  const { logits } = await second.run({ [cut]: { type: 'float32', data: Float32Array.of(9, 16), dims: [1, 1, 2] } })
  expect(logits?.data).toEqual(Float32Array.of(10, 17, 67))
})

test('an output that ends in no product is refused', () => {
  expect(() => splitGraph(graph(), 'seen', ['logits'])).toThrow('graph: seen ends in no product with a constant')
})
