import { create } from '@bufbuild/protobuf'
import { readModel, rewriteModel } from './model.ts'
import { TensorProto_DataType as DataType, ValueInfoProtoSchema } from './onnx_pb.generated.ts'

/** The graph with values between its nodes, float32[stories, positions, width] each, as further outputs. */
export function exposeValues(bytes: Uint8Array, values: Iterable<string>): Uint8Array<ArrayBuffer> {
  const { model, graph } = readModel(bytes, 'graph')
  for (const name of values) graph.output.push(valueInfo(name))
  return rewriteModel(model)
}

/** What an input or output of a graph says of a value float32[stories, positions, width]. */
export function valueInfo(name: string) {
  const dim = ['stories', 'positions', `width of ${name}`].map((length) => ({
    value: { case: 'dimParam' as const, value: length },
  }))
  const value = { elemType: DataType.FLOAT, shape: { dim } }
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value } } })
}
