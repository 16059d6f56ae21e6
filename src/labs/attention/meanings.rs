//! A small table of meanings, made by hand: what six numbers can say of a word, in two languages.

/// Names of the columns, in English and Chinese.
pub const COLUMNS: [(&str, &str); 6] = [
    ("animal", "动物"),
    ("person", "人"),
    ("food", "食物"),
    ("state", "状态"),
    ("act", "动作"),
    ("place", "地方"),
];

/// Words with the same row, and the row in halves, from −2 (the opposite) to 2 (fully): animal, person, food, place, act,
/// state.
const ROWS: [(&str, [i8; 6]); 40] = [
    ("cat 猫", [2, 0, 0, 0, 0, 1]),
    ("dog 狗", [2, 1, 0, 0, 0, 0]),
    ("animal 动物", [2, 0, 0, 0, 0, 0]),
    ("bird 鸟", [2, -1, 0, 0, 1, 0]),
    ("mouse 老鼠", [2, -1, 1, 0, 0, 0]),
    ("fish 鱼", [2, -1, 1, 0, 0, -1]),
    ("it 它", [1, 0, 1, 0, 0, 2]),
    ("she 她", [0, 2, 0, 0, 0, 1]),
    ("he 他", [0, 2, 0, 0, 0, 1]),
    ("i 我", [0, 2, 0, 0, 0, 0]),
    ("you 你", [0, 2, 0, 0, 0, -1]),
    ("woman 女人", [0, 2, 0, 0, -1, 0]),
    ("man 男人", [0, 2, 0, 0, -1, 0]),
    ("child 孩子", [0, 2, 0, 0, 1, 0]),
    ("teacher 老师", [0, 2, 0, 1, 0, 0]),
    ("milk 牛奶", [1, 0, 2, 0, 0, 0]),
    ("food 食物", [0, 0, 2, 0, 0, 0]),
    ("bread 面包", [0, 0, 2, -1, 0, 0]),
    ("water 水", [0, 0, 2, 1, 0, 0]),
    ("apple 苹果", [0, 0, 2, 0, -1, 0]),
    ("street 街道", [0, 0, 0, 2, 1, 0]),
    ("home 家", [0, 1, 0, 2, 0, 0]),
    ("house 房子", [0, 0, 0, 2, -1, 0]),
    ("bank 银行", [0, 0, 0, 2, 0, 0]),
    ("river 河", [0, 0, 1, 2, 0, 0]),
    ("school 学校", [0, 1, 0, 2, 0, 0]),
    ("chased 追", [1, 0, 0, 0, 2, 0]),
    ("ran 跑", [0, 0, 0, 1, 2, 0]),
    ("ate 吃", [0, 0, 1, 0, 2, 0]),
    ("drank 喝", [0, 0, 1, -1, 2, 0]),
    ("saw 看见", [0, 1, 0, 0, 2, 0]),
    ("crossed 穿过", [0, 0, 0, 1, 2, -1]),
    ("went 去", [0, 0, -1, 1, 2, 0]),
    ("gave 给", [0, 1, 1, 0, 2, 0]),
    ("hungry 饿", [1, 0, -1, 0, 0, 1]),
    ("tired 累", [1, 1, 0, 0, -1, 2]),
    ("cold 冷", [0, 0, 1, 1, 0, 2]),
    ("wide 宽", [-1, 0, 0, 2, 0, 2]),
    ("happy 高兴", [0, 1, 0, 0, 1, 2]),
    ("because 因为", [-1, -1, -1, -1, 0, 0]),
];

/// The row of a word, from −1 to 1; `None` when the table doesn't know it.
pub fn row(word: &str) -> Option<[f32; 6]> {
    let lower = word.to_lowercase();
    let found = ROWS.iter().find(|(words, _)| words.split(' ').any(|w| w == lower));
    // The first four columns are those that a narrow head sees.
    found.map(|(_, row)| [0, 1, 2, 5, 4, 3].map(|at| f32::from(row[at]) / 2.0))
}
