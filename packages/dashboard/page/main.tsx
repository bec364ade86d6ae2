import { render } from 'preact'
import { App } from './view/app.js'
import './style/colours.css'
import './style/layout.css'
import './style/controls.css'
import './style/sections.css'

const root = document.getElementById('page')
if (root !== null) {
  root.replaceChildren()
  render(<App isReadOnly={document.documentElement.hasAttribute('data-read-only')} />, root)
}
