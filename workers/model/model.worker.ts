import { expose } from 'comlink'
import { createModelApi } from './createModelApi.ts'
import { ortBackends } from './ortBackends.ts'

expose(createModelApi({ fetch: (url, init) => fetch(url, init), backends: ortBackends, now: () => performance.now() }))
