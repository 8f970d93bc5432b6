import { useNavigate } from 'react-router'
import { type Action, useAction } from '../async/useAction.ts'
import { useRun } from './RunContext.tsx'
import { subcomponentPath } from './runPaths.ts'

/** Opens a random active subcomponent of a module, if it has one. */
export function useRandomSubcomponent({
  moduleId,
  module,
}: {
  readonly moduleId: number
  readonly module: string
}): Action {
  const { id, index } = useRun()
  const navigate = useNavigate()
  return useAction(async () => {
    const found = await index.findActive(moduleId, Math.random())
    if (found !== null) await navigate(subcomponentPath(id, module, found.subcomponent))
  })
}
