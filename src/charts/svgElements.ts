const SVG = 'http://www.w3.org/2000/svg'
const FONT = 'sans-serif'

type Attributes = Readonly<Record<string, string | number>>

/** An SVG element with `attributes`. */
export function createElement(name: string, attributes: Attributes): SVGElement {
  const element = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
  return element
}

interface TextStyle {
  readonly x: number
  readonly y: number
  /** In pixels. */
  readonly size: number
  readonly weight: number
  readonly fill: string
}

/** A line of text that starts at x, y. */
export function createText(content: string, { x, y, size, weight, fill }: TextStyle): SVGElement {
  const element = createElement('text', {
    x,
    y,
    fill,
    'font-size': size,
    'font-weight': weight,
    'font-family': FONT,
  })
  element.textContent = content
  return element
}

/** Width of a line of text in pixels. */
export function textWidth(text: string, size: number): number {
  const context = document.createElement('canvas').getContext('2d')
  if (context === null) return (text.length * size) / 2
  context.font = `600 ${size}px ${FONT}`
  return context.measureText(text).width
}

/** `text` in lines of at most `width` pixels, broken between words. */
export function wrapWords(
  text: string,
  width: number,
  size: number,
  measure: (text: string, size: number) => number = textWidth,
): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && measure(longer, size) > width) {
      lines.push(line)
      line = word
    } else {
      line = longer
    }
  }
  return line === '' ? lines : [...lines, line]
}
