// The box that looks for a student. What is typed stays behind the # of the address: no server but roster reads a name.
const form = document.querySelector(".finder");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  location.href = `/students#${encodeURIComponent(form.querySelector("input").value.trim())}`;
});
