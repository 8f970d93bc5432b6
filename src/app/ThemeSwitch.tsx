import { useState } from 'react'
import { applyTheme, readTheme, THEMES, type Theme } from '../ui/theme.ts'

/** Light, dark, or as the system says. */
export function ThemeSwitch() {
  const [theme, setTheme] = useState<Theme>(readTheme)
  const choose = (next: Theme) => {
    applyTheme(next)
    setTheme(next)
  }
  return (
    <fieldset className="theme">
      <legend className="vh">Theme</legend>
      {THEMES.map((name) => (
        <label key={name}>
          <input type="radio" name="theme" checked={theme === name} onChange={() => choose(name)} />
          {name}
        </label>
      ))}
    </fieldset>
  )
}
