import { plainNumbers } from './formatNumber.ts'

/** Makes what is copied from the page hold numbers as a machine writes them; returns what undoes it. */
export function copyPlainNumbers(target: Document): () => void {
  const onCopy = (event: ClipboardEvent) => {
    const selection = target.getSelection()
    const isField = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement
    if (selection === null || selection.isCollapsed || isField || event.clipboardData === null) return
    event.clipboardData.setData('text/plain', plainNumbers(selection.toString()))
    event.preventDefault()
  }
  target.addEventListener('copy', onCopy)
  return () => target.removeEventListener('copy', onCopy)
}
