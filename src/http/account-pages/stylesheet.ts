/** The one stylesheet of the pages. No fonts and no images: nothing is fetched from anywhere. */
export const STYLESHEET = `:root {
  color-scheme: light dark;
  --ground: #f4f5f7;
  --sheet: #ffffff;
  --ink: #1b1f24;
  --soft: #565f6b;
  --line: #7d8691;
  --accent: #0b5cad;
  --on-accent: #ffffff;
  --alarm: #a3231a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a;
    --sheet: #1e2328;
    --ink: #e8eaed;
    --soft: #aab2bc;
    --line: #7d8691;
    --accent: #7db8f5;
    --on-accent: #10202f;
    --alarm: #ff9d94;
  }
}
*, *::before, *::after { box-sizing: border-box; }
body {
  margin: 0;
  min-height: 100vh;
  padding: 1rem;
  display: grid;
  align-items: center;
  justify-items: center;
  background: var(--ground);
  color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif;
  overflow-wrap: anywhere;
}
main {
  width: 100%;
  max-width: 28rem;
  padding: 1.5rem;
  background: var(--sheet);
  border-radius: 0.75rem;
}
h1 { margin: 0 0 0.75rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 1rem; }
main > :last-child { margin-bottom: 0; }
.soft { color: var(--soft); }
.alarm { color: var(--alarm); font-weight: 600; }
label { display: block; margin-bottom: 0.25rem; font-weight: 600; }
input {
  width: 100%;
  min-height: 2.75rem;
  margin-bottom: 1rem;
  padding: 0.5rem 0.75rem;
  border: 1px solid var(--line);
  border-radius: 0.5rem;
  background: var(--sheet);
  color: var(--ink);
  font: inherit;
}
button {
  width: 100%;
  min-height: 2.75rem;
  padding: 0.5rem 1rem;
  border: 0;
  border-radius: 0.5rem;
  background: var(--accent);
  color: var(--on-accent);
  font: inherit;
  font-weight: 600;
  cursor: pointer;
}
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`
