/** A colour as the stylesheet needs it: readable on the light pages and on the dark ones. */
export interface Accent {
  readonly light: string;
  readonly dark: string;
}

/** What links and buttons stand on: the card's paper and the ground around it. */
export const papers = { light: ["#ffffff", "#f4f5f7"], dark: ["#1c1f26", "#121419"] } as const;

/** The least contrast of text with what it stands on. WCAG 2.2, 1.4.3 */
const leastContrast = 4.5;

/** Darkens a colour for light pages, and lightens it for dark ones, by no more than it takes to read it. `color`: `#2451b3` */
export function readableAccent(color: string): Accent {
  return { light: readableOn(papers.light, color, "#000000"), dark: readableOn(papers.dark, color, "#ffffff") };
}

const steps = 40;

function readableOn(grounds: readonly string[], color: string, end: string): string {
  for (let step = 0; step < steps; step++) {
    const mixed = mix(color, end, step / steps);
    if (grounds.every((ground) => contrast(mixed, ground) >= leastContrast)) return mixed;
  }
  return end;
}

const channels = (color: string): readonly number[] => [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));

function mix(from: string, to: string, share: number): string {
  const target = channels(to);
  const mixed = channels(from).map((value, index) => Math.round(value + ((target[index] ?? 0) - value) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** WCAG 2.2, contrast ratio */
export function contrast(a: string, b: string): number {
  const [lighter = 0, darker = 0] = [luminance(a), luminance(b)].sort((one, other) => other - one);
  return (lighter + 0.05) / (darker + 0.05);
}

/** WCAG 2.2, relative luminance */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = channels(color).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
