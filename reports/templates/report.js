// Sorting by a click on a column's head, and a word on tables that scroll; everything else works
// without scripts.
document.querySelectorAll("table").forEach(function (table) {
  var body = table.tBodies[0], heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
  var shown = body.querySelectorAll("tr:not(.r)").length;
  table.classList.add("sorts");
  heads.forEach(function (head, column) {
    var isNumber = head.classList.contains("n"), down = false;
    function key(row) {
      var text = row.cells[column].textContent, number = parseFloat(text.replace(/,/g, ""));
      return isNumber ? (isNaN(number) ? -Infinity : number) : text;
    }
    head.addEventListener("click", function () {
      down = !down;
      var rows = Array.prototype.slice.call(body.rows);
      rows.sort(function (a, b) {
        var x = key(a), y = key(b);
        return (x < y ? -1 : x > y ? 1 : 0) * (down === isNumber ? -1 : 1);
      });
      rows.forEach(function (row, i) {
        row.classList.toggle("r", i >= shown);
        body.appendChild(row);
      });
    });
  });
});
// What is wider than the screen says so.
function tellScrolling() {
  document.querySelectorAll(".scroll").forEach(function (box) {
    box.classList.toggle("overflows", box.scrollWidth > box.clientWidth + 1);
  });
}
addEventListener("resize", tellScrolling);
addEventListener("change", tellScrolling);
addEventListener("toggle", tellScrolling, true);
tellScrolling();
