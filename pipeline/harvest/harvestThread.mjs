// Where a harvest's worker thread starts: Node reads TypeScript in it only once tsx is registered there.
import { register } from 'tsx/esm/api'

register()
await import('./harvestWorker.ts')
