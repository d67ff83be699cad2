// VitePress's own theme, with what tables, code and charts need to be read on a screen of any width.
import theme from 'vitepress/theme'
import './style.css'

export default theme
