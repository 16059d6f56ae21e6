//! The page's own words, both languages side by side.

use crate::texts;

texts! {
    /// Buttons, headings and messages of the page.
    Words {
        page_title: "Receptive", "Receptive 感受野实验室";
        skip: "Skip to the figure", "跳到主图";
        labs: "Labs", "实验";
        undo: "Undo", "撤销";
        redo: "Redo", "重做";
        reset: "Reset", "重置";
        all_questions: "Questions", "问题";
        share: "Share", "分享";
        tour: "Take the tour", "跟着导览走";
        for_teachers: "For teachers", "给教师";
        present: "Present", "演示";
        copied: "Copied. The link holds everything on the screen.", "已复制。链接里包含屏幕上的全部设置。";
        not_copied: "The browser did not allow copying. Copy the address instead.", "浏览器不允许复制，请直接复制地址栏。";
        theme: "Theme", "主题";
        theme_auto: "System", "跟随系统";
        theme_light: "Light", "浅色";
        theme_dark: "Dark", "深色";
        theme_projector: "Projector", "投影";
        theme_contrast: "High contrast", "高对比度";
        language: "中文", "English";
        language_label: "切换到中文", "Switch to English";
        controls: "Controls", "控件";
        insight: "Insight", "说明";
        open_picture: "Open a picture", "打开图片";
        camera: "Camera", "摄像头";
        camera_stop: "Stop camera", "停止摄像头";
        drop_hint: "or drop or paste one anywhere", "或把图片拖到、粘贴到页面任意处";
        drop_here: "Drop the picture to see it in the lab. It stays on this machine.", "松开即可使用这张图片。它不会离开本机。";
        grey_note: "Pictures become one grey channel (0.299 R + 0.587 G + 0.114 B) with sides up to 512. They stay on this machine.",
                   "图片会转为一个灰度通道（0.299 R + 0.587 G + 0.114 B），边长不超过 512，且不会离开本机。";
        colour_note: "Pictures come as three channels: red, green and blue, from 0 to 1. They stay on this machine.",
                     "图片分为红、绿、蓝三个通道，数值从 0 到 1，且不会离开本机。";
        not_a_picture: "“{name}” is not a picture this browser can read. Use a PNG, JPEG, WebP or GIF file.", "浏览器读不了“{name}”。请用 PNG、JPEG、WebP 或 GIF 图片。";
        picture_too_large: "This picture has {mp} megapixels; {max} is the most. Make it smaller first, for example 1000 pixels wide.",
                           "这张图片有 {mp} 百万像素，最多 {max}。请先缩小，例如宽 1000 像素。";
        camera_denied: "The camera was not allowed. Allow it beside the address, or open a picture instead.", "未获准使用摄像头。请在地址栏旁允许，或改为打开图片。";
        camera_missing: "No camera was found. Open a picture instead.", "没有找到摄像头，请改为打开图片。";
        largest: "Largest that works here: {n}.", "此处最大为 {n}。";
        smallest: "Smallest that works here: {n}.", "此处最小为 {n}。";
        height: "height", "高";
        width: "width", "宽";
        split: "Set height and width apart", "分别设置高和宽";
        joined: "Keep height and width equal", "让高和宽相等";
        number: "number", "数字";
        sides: "Each side", "各边分别设置";
        top: "top", "上";
        bottom: "bottom", "下";
        left: "left", "左";
        right: "right", "右";
        row_col: "row {r}, column {c}", "第 {r} 行第 {c} 列";
        paste_matrix: "Paste or type a matrix: rows separated by ; or new lines", "粘贴或键入矩阵：行之间用 ; 或换行分开";
        apply: "Apply", "应用";
        edit_cell: "New value of {name} at {r}, {c}", "{name} 在 ({r}, {c}) 的新值";
        compare: "Compare", "对比";
        compare_with: "Beside it", "并排对比";
        compare_off: "End the comparison", "结束对比";
        compare_hint: "One control at a second value, drawn with the same colours.", "让一个控件取第二个值，用相同的颜色并排画出。";
        predict: "Predict first", "先猜一猜";
        predict_why: "A question about what is on the screen, worked out as you ask. Answer before you move anything.", "针对当前画面即时出题。先作答，再动手。";
        ask_me: "Ask me", "出题";
        correct: "Right.", "答对了。";
        not_quite: "Not quite.", "不太对。";
        another: "Another question", "换一题";
        show_me: "Show me", "给我看";
        questions: "Questions this lab answers", "本实验能回答的问题";
        code: "Same numbers in code", "用代码得到同样的数";
        copy: "Copy", "复制";
        download_input: "Download the input (.npy)", "下载输入（.npy）";
        computed_in: "Computed in", "计算用时";
        table: "Numbers as a table", "以表格查看数字";
        save: "Save", "保存";
        step: "step {n} of {all}", "第 {n} 步，共 {all} 步";
        step_all: "all {all} shown", "全部 {all} 步";
        first: "To the beginning", "回到开头";
        back: "One step back", "后退一步";
        play: "Play", "播放";
        pause: "Pause", "暂停";
        next: "One step on", "前进一步";
        speed: "Speed", "速度";
        scrub: "Step", "步";
        pinned: "pinned", "已固定";
        figure_keys: "Arrow keys move from cell to cell, T goes to the next grid, Enter pins, digits replace a number, Escape lets go.",
                     "方向键逐格移动，T 切换到下一个网格，回车固定，键入数字可修改，Esc 取消。";
        cell_is: "{name}, row {r}, column {c}: {value}", "{name} 第 {r} 行第 {c} 列：{value}";
        working: "Working on it:", "正在计算：";
        work_stop: "Stop", "停止";
        work_stopped: "Stopped at", "已停在";
        work_on: "Go on", "继续";
        row_part: "{part}, layer {n}", "第 {n} 层：{part}";
        row_up: "Move up", "上移";
        row_down: "Move down", "下移";
        row_remove: "Remove", "删除";
        row_add: "Add a layer", "添加一层";
        cant_show: "This can't be computed.", "无法计算。";
        go_back: "Undo the last change", "撤销上一步";
        close: "Close", "关闭";
        keyboard_help: "Keys", "快捷键";
        key_undo: "Undo and redo", "撤销与重做";
        key_play: "Play or pause (in a figure)", "播放或暂停（焦点在图上时）";
        key_step: "One step back or on", "后退或前进一步";
        key_help: "This list", "本列表";
        key_arrows: "Move from cell to cell (in a figure)", "逐格移动（焦点在图上时）";
        key_next_grid: "Next grid (in a figure)", "下一个网格（焦点在图上时）";
        key_pin: "Pin the cell", "固定格子";
        key_let_go: "Let go, close", "取消、关闭";
        worked_out: "Everything on this page is computed on your machine. Nothing is sent anywhere.", "本页的一切都在你的设备上计算，不会发送到任何地方。";
    }
}

impl Words {
    /// The name of a theme; of none, what the system asks for.
    pub fn theme_of(&self, key: &str) -> &'static str {
        match key {
            "light" => self.theme_light,
            "dark" => self.theme_dark,
            "projector" => self.theme_projector,
            "contrast" => self.theme_contrast,
            _ => self.theme_auto,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn both_languages_fill_the_same_places() {
        let places = |text: &str| {
            let mut found: Vec<String> =
                text.split('{').skip(1).filter_map(|p| p.split_once('}')).map(|p| p.0.into()).collect();
            found.sort();
            found
        };
        for (name, en, zh) in Words::ALL {
            assert!(!en.is_empty() && !zh.is_empty(), "{name}");
            assert_eq!(places(en), places(zh), "{name}");
        }
    }
}
