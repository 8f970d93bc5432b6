import { describe, expect, test } from 'vitest'
import { GraphBuilder } from '../../../core/onnx/GraphBuilder.ts'
import { readModel } from '../../../core/onnx/model.ts'
import { add, multiply, shift } from '../../../core/onnx/operators.ts'
import { pruneGraph } from '../../../core/onnx/pruneGraph.ts'
import { createOpenSession } from '../../../pipeline/node/createOpenSession.ts'

/** sum = x + y; product = weight · x, the weight in a file. */
function twoOutputs(): Uint8Array<ArrayBuffer> {
  const g = new GraphBuilder('two outputs')
  const x = g.input('x', 'float32', ['n'])
  const y = g.input('y', 'float32', ['n'])
  const location = { path: 'weights-00.bin', byteOffset: 64, byteLength: 8 }
  const weight = g.externalWeight('weight', 'float32', [2], location)
  g.output(
    'sum',
    g.scope('left', () => add(g, x, shift(g, y, 0.5))),
    ['n'],
  )
  g.output(
    'product',
    g.scope('right', () => multiply(g, weight, x)),
    [2],
  )
  return g.write()
}

describe('pruneGraph', () => {
  test('keeps the outputs named and only the nodes, weights and inputs they need', () => {
    const { graph } = readModel(pruneGraph(twoOutputs(), ['sum']), 'graph')
    expect(graph.output.map(({ name }) => name)).toEqual(['sum'])
    expect(graph.input.map(({ name }) => name)).toEqual(['x', 'y'])
    expect(graph.node.map(({ opType }) => opType)).toEqual(['Add', 'Add', 'Identity'])
    expect(graph.initializer.map(({ name }) => name)).toEqual(['constant/0'])
  })

  test('leaves a graph that runs', async () => {
    const session = await createOpenSession(1)(pruneGraph(twoOutputs(), ['sum']), [])
    const input = (...numbers: number[]) => ({ type: 'float32', data: Float32Array.from(numbers), dims: [2] }) as const
    const { sum } = await session.run({ x: input(1, 2), y: input(10, 20) })
    await session.close()
    expect(sum?.data).toEqual(Float32Array.of(11.5, 22.5))
  })

  test('refuses an output the graph does not have', () => {
    expect(() => pruneGraph(twoOutputs(), ['logits'])).toThrow('graph: no output logits, it has sum,product')
  })
})

describe('readModel', () => {
  test('refuses bytes that are no ONNX model', () => {
    expect(() => readModel(Uint8Array.of(255, 255, 255), 'observe.onnx')).toThrow(
      'observe.onnx: no ONNX model, its bytes are not protobuf',
    )
    expect(() => readModel(new Uint8Array(), 'observe.onnx')).toThrow('observe.onnx: no ONNX model, it has no graph')
  })
})

describe('GraphBuilder', () => {
  test('places a weight in its file, by path, offset and length', () => {
    const { graph } = readModel(twoOutputs(), 'graph')
    const weight = graph.initializer.find(({ name }) => name === 'weight')
    expect(weight?.externalData.map(({ key, value }) => [key, value])).toEqual([
      ['location', 'weights-00.bin'],
      ['offset', '64'],
      ['length', '8'],
    ])
  })

  test('prefixes node names by scope and stores equal constants once', () => {
    const g = new GraphBuilder('scopes')
    const x = g.input('x', 'float32', [])
    const inner = g.scope('outer', () => g.scope('inner', () => shift(g, x, 2)))
    expect(inner.name).toBe('outer/inner/Add_0')
    expect(shift(g, inner, 2).name).toBe('Add_1')
    expect(readModel(g.write(), 'graph').graph.initializer).toHaveLength(1)
  })
})
