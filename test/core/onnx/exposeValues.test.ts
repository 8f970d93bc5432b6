import { expect, test } from 'vitest'
import { createProductFinder } from '../../../core/onnx/createProductFinder.ts'
import { exposeValues } from '../../../core/onnx/exposeValues.ts'
import { GraphBuilder } from '../../../core/onnx/GraphBuilder.ts'
import { add, matMul } from '../../../core/onnx/operators.ts'
import { pruneGraph } from '../../../core/onnx/pruneGraph.ts'
import { createOpenSession } from '../../../pipeline/node/createOpenSession.ts'

test('the argument of a product is found, and can be had in place of the product', async () => {
  const g = new GraphBuilder('one product')
  const x = g.input('x', 'float32', ['stories', 'positions', 2])
  const doubled = add(g, x, x)
  g.output('h', matMul(g, doubled, g.float([1, 0, 2, 0, 1, 3], [2, 3])), ['stories', 'positions', 3])
  const graph = g.write()
  const argument = createProductFinder(graph)('h')
  expect(argument).toBe(doubled.name)
  const session = await createOpenSession(1)(pruneGraph(exposeValues(graph, [argument]), [argument]), [])
  const made = await session.run({ x: { type: 'float32', data: Float32Array.of(1, 2, 3, 4), dims: [1, 2, 2] } })
  await session.close()
  expect(made).toEqual({ [argument]: { type: 'float32', data: Float32Array.of(2, 4, 6, 8), dims: [1, 2, 2] } })
})
