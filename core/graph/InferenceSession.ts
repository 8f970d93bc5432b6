/** What we ask of ONNX Runtime, in Node or in a tab; services take it as an argument and never name a runtime. */
export interface InferenceSession {
  run(feeds: Readonly<Record<string, GraphTensor>>): Promise<Readonly<Record<string, GraphTensor>>>
  close(): Promise<void>
}

export type GraphTensor =
  | { readonly type: 'float32'; readonly data: Float32Array; readonly dims: readonly number[] }
  | { readonly type: 'int64'; readonly data: BigInt64Array; readonly dims: readonly number[] }

/** Opens a graph with its external data, each piece under the name the graph gives it. */
export type OpenSession = (
  graph: Uint8Array,
  externalData: readonly { readonly path: string; readonly data: Uint8Array }[],
) => Promise<InferenceSession>
