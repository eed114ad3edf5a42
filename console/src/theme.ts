import { Drawer, Modal, Notification, createTheme, rem } from '@mantine/core'
import type { MantineColorsTuple } from '@mantine/core'

/** A deep water blue-green; text on its darker shades has the contrast of WCAG AA. */
const water: MantineColorsTuple = [
  '#e6f7f8',
  '#d0ecef',
  '#a3d9df',
  '#72c5ce',
  '#4ab4bf',
  '#31a9b6',
  '#20a4b2',
  '#0b7285',
  '#086275',
  '#064f5f',
]

// A picture says nothing to who cannot see it, and the head of a dialog is not that of the page.
const CLOSED_BY_NAME = { closeButtonProps: { 'aria-label': 'Close' } }
const DIALOG = {
  ...CLOSED_BY_NAME,
  attributes: { header: { role: 'none' } },
  styles: { title: { fontWeight: 600 } },
}

/** How the console looks. */
export const theme = createTheme({
  primaryColor: 'water',
  // The default shade gives labels of filled buttons too little contrast.
  primaryShade: { light: 7, dark: 7 },
  colors: { water },
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace",
  defaultRadius: 'md',
  headings: {
    fontWeight: '620',
    sizes: { h1: { fontSize: rem(24), lineHeight: '1.3' }, h2: { fontSize: rem(17), lineHeight: '1.4' } },
  },
  cursorType: 'pointer',
  components: {
    Modal: Modal.extend({ defaultProps: DIALOG }),
    Drawer: Drawer.extend({ defaultProps: DIALOG }),
    Notification: Notification.extend({
      defaultProps: CLOSED_BY_NAME,
      // Below a title it has a colour of its own, with too little contrast.
      styles: (_theme, { title }) => (title ? { description: { color: 'var(--mantine-color-dimmed)' } } : {}),
    }),
  },
})
