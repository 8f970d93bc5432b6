import type { WeightTensor } from '../bytes/WeightTensor.ts'
import { invariant } from '../errors/invariant.ts'
import type { DecomposedModule } from './Decomposition.ts'
import { linearsOf } from './decomposableModules.ts'
import type { TargetModel } from './TargetModel.ts'

/** The matrix a module decomposes, as the checkpoint stores it. */
export interface DecomposedMatrix {
  /** null for an inserted identity. */
  readonly weight: WeightTensor | null
  /** Whether it is stored as [d_in, d_out], as V U is, and not as [d_out, d_in]. */
  readonly isInputMajor: boolean
}

/** The matrix of `target` that `module` decomposes. */
export function findMatrix(target: TargetModel, { path, role }: DecomposedModule): DecomposedMatrix {
  switch (role.kind) {
    case 'identity':
      return { weight: null, isInputMajor: true }
    case 'embedding':
      return { weight: target.tokenEmbedding.weight, isInputMajor: true }
    case 'linear': {
      const linear = [...target.blocks.flatMap(linearsOf), target.unembedding].find((each) => each.path === path)
      invariant(linear !== undefined, `the target model has no matrix ${path}`)
      return { weight: linear.weight, isInputMajor: linear.storedTransposed }
    }
  }
}
