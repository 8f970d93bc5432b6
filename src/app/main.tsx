import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { invariant } from '../../core/errors/invariant.ts'
import '../ui/tokens.css'
import '../ui/base.css'
import '../ui/controls.css'
import '../ui/marks.css'
import '../ui/figures.css'
import { copyPlainNumbers } from '../ui/copyPlainNumbers.ts'
import { App } from './App.tsx'
import { pageAt } from './pages.ts'

const root = document.getElementById('root')
invariant(root !== null, 'index.html has no #root')
copyPlainNumbers(document)
// While the run's index is on its way; the page itself reports what fails.
pageAt(location.hash)
  ?.load()
  .catch(() => undefined)
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
