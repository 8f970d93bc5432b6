import type { DecomposedModule } from './Decomposition.ts'
import type { Block, Linear, TargetModel } from './TargetModel.ts'

/** A place of the target model that a run may decompose. */
export type ModuleSite = Pick<DecomposedModule, 'path' | 'layer' | 'kind' | 'role' | 'dIn' | 'dOut'> & {
  readonly hasBias: boolean
}

/** Every matrix of the target model in the order of execution, each linear one after the identity that may stand before it. */
export function decomposableModules(target: TargetModel): readonly ModuleSite[] {
  const { tokenEmbedding, vocabularySize, width, blocks, unembedding } = target
  const embedding: ModuleSite = {
    path: tokenEmbedding.path,
    layer: null,
    kind: lastPart(tokenEmbedding.path),
    role: { kind: 'embedding' },
    dIn: vocabularySize,
    dOut: width,
    hasBias: false,
  }
  return [
    embedding,
    ...blocks.flatMap((block) => linearsOf(block).flatMap((linear) => sitesOf(linear, block.layer))),
    ...sitesOf(unembedding, null),
  ]
}

/** Every matrix of a block, in the order of execution. */
export function linearsOf({ attention, mlp }: Block): readonly Linear[] {
  const first =
    attention.kind === 'fused' ? [attention.queryKeyValue] : [attention.query, attention.key, attention.value]
  const second = mlp.kind === 'gated' ? [mlp.gate, mlp.up, mlp.down] : [mlp.input, mlp.output]
  return [...first, attention.output, ...second]
}

function sitesOf({ path, dIn, dOut, bias }: Linear, layer: number | null): readonly ModuleSite[] {
  return [
    {
      path: `${path}.pre_identity`,
      layer,
      kind: 'pre_identity',
      role: { kind: 'identity', hostPath: path },
      dIn,
      dOut: dIn,
      hasBias: false,
    },
    { path, layer, kind: lastPart(path), role: { kind: 'linear' }, dIn, dOut, hasBias: bias !== null },
  ]
}

const lastPart = (path: string): string => path.slice(path.lastIndexOf('.') + 1)
