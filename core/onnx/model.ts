import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { AtlasError } from '../errors/AtlasError.ts'
import { type GraphProto, type ModelProto, ModelProtoSchema } from './onnx_pb.generated.ts'

/** Operator set and format version of every graph we write; kernels of both are in ONNX Runtime's CPU, WebAssembly and WebGPU providers. */
const OPSET = 20n
const IR_VERSION = 9n

/** A graph holds no large weights (they are external data); the demo run's have 0.4 MB. */
const MAX_GRAPH_BYTES = 64 * 2 ** 20

/** The bytes of an ONNX model with `graph` as its only content. */
export function writeModel(graph: GraphProto): Uint8Array<ArrayBuffer> {
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    opsetImport: [{ domain: '', version: OPSET }],
    producerName: 'spd-atlas',
    graph,
  })
  return toBinary(ModelProtoSchema, model)
}

/** An ONNX model and its graph, which every model has. Refuses bytes that are no ONNX model (format/malformed). */
export function readModel(
  bytes: Uint8Array,
  place: string,
): { readonly model: ModelProto; readonly graph: GraphProto } {
  if (bytes.length > MAX_GRAPH_BYTES) {
    throw new AtlasError('format/too-large', `${place}: ${bytes.length} bytes, at most ${MAX_GRAPH_BYTES} are read`)
  }
  const model = decode(bytes, place)
  if (model.graph === undefined) throw new AtlasError('format/malformed', `${place}: no ONNX model, it has no graph`)
  return { model, graph: model.graph }
}

/** The bytes of a model that `readModel` gave. */
export function rewriteModel(model: ModelProto): Uint8Array<ArrayBuffer> {
  return toBinary(ModelProtoSchema, model)
}

function decode(bytes: Uint8Array, place: string): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes)
  } catch (cause) {
    throw new AtlasError('format/malformed', `${place}: no ONNX model, its bytes are not protobuf`, { cause })
  }
}
