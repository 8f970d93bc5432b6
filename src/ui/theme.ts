/** What the reader chose; `auto` follows the system. */
export type Theme = 'auto' | 'light' | 'dark'

export const THEMES: readonly Theme[] = ['auto', 'light', 'dark']

/** public/theme.js reads the same key before the first paint. */
const STORAGE_KEY = 'theme'

/** The theme chosen before in this browser; `auto` where none was, or where storage is closed to us. */
export function readTheme(): Theme {
  const stored = readStorage()
  return THEMES.find((theme) => theme === stored) ?? 'auto'
}

/** Shows the page in `theme` and remembers it. */
export function applyTheme(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  writeStorage(theme)
}

function readStorage(): string | null {
  try {
    return localStorage.getItem(STORAGE_KEY)
  } catch {
    // Throws where the browser blocks storage; the choice then lasts as long as the page.
    return null
  }
}

function writeStorage(theme: Theme): void {
  try {
    localStorage.setItem(STORAGE_KEY, theme)
  } catch {
    // As above.
  }
}
