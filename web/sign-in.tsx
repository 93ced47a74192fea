import { render } from "preact"
import { SignIn } from "./routes/sign-in/sign-in.tsx"
import { loadDoor } from "./state/door.ts"

const page = document.getElementById("page")
if (page !== null) render(<SignIn />, page)
void loadDoor()
