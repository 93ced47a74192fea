import { render } from "preact"
import { Home } from "./routes/home.tsx"

const page = document.getElementById("page")
if (page !== null) render(<Home />, page)
