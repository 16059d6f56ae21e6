//! The classroom's words, both languages side by side.

use crate::texts;

texts! {
    /// Words of sharing, saving, lessons and presenting.
    Words {
        share: "Share this lab", "分享这个实验";
        share_say: "The link holds everything on the screen. Nothing is uploaded.", "链接里包含屏幕上的全部设置，什么也不会上传。";
        rights: "What the class may touch", "学生可以操作什么";
        right_show: "show", "显示";
        right_lock: "lock", "锁定";
        right_hide: "hide", "隐藏";
        all_shown: "Show all", "全部显示";
        all_locked: "Lock all", "全部锁定";
        only: "Only {key}", "仅 {key}";
        opens: "How it opens", "打开方式";
        as_visitor: "as the visitor has it", "按访问者自己的设置";
        scan: "Scan to open", "扫码打开";
        scan_say: "{bytes} bytes, version {version}, {side} × {side} modules.", "{bytes} 字节，版本 {version}，{side} × {side} 个模块。";
        scan_long: "This link is too long for a code. Use the link itself.", "链接太长，无法生成二维码。请直接使用链接。";
        qr_alt: "QR code of the link", "链接的二维码";
        link: "Link", "链接";
        frame: "Embed in a page or in slides", "嵌入网页或幻灯片";
        line: "A line for the class", "给全班的一句话";
        line_hint: "What should they find out before they press Play?", "按“播放”之前，他们应当先想清楚什么？";
        line_copy: "Copy line and link", "复制这句话和链接";
        sum: "The class can move {free} controls, sees {locked} locked, and {hidden} are hidden.", "学生可以操作 {free} 个控件；{locked} 个已锁定，{hidden} 个已隐藏。";
        own_stays: "Your own picture, text or numbers stay on this machine: who opens the link sees the lab's example in their place.",
                   "你自己的图片、文字或数字不会离开本机：打开链接的人会看到实验自带的示例。";
        to_lesson: "Add to lesson", "加入课程";
        added: "Added as step {n} of your lesson.", "已加入课程，成为第 {n} 步。";
        as_learner: "Try as a learner", "以学生身份试试";
        present: "Present", "演示";
        print: "Print", "打印";
        save: "Save this figure", "保存这张图";
        picture: "Picture", "图片";
        steps: "The steps as an animation (GIF)", "把各步存为动画（GIF）";
        making: "Frame {n} of {all}", "第 {n} 帧，共 {all} 帧";
        numbers: "Numbers", "数字";
        tensor: "Tensor", "张量";
        to_pooling: "Send to the pooling lab", "送到池化实验";
        pooling_takes: "The pooling lab takes one map, [1, 1, h, w]: choose such a tensor to send it.", "池化实验只接受一张图 [1, 1, h, w]：请选择这样的张量再送出。";
        state: "Everything", "全部";
        state_say: "Link, facts and shapes as JSON; code that gives the same numbers.", "链接、数值和形状存为 JSON，另有能得到同样数字的代码。";
        lesson: "Lesson", "课程";
        lesson_say: "Links in order, each with a note. It stays on this device until you copy its link or save its file.", "按顺序排列的链接，每个带一段说明。在复制链接或保存文件之前，它只留在这台设备上。";
        lesson_title: "Title", "标题";
        lesson_empty: "No step yet. Set the lab up, then add what is on the screen.", "还没有步骤。先把实验设置好，再把当前画面加进来。";
        add_state: "Add what is on the screen", "加入当前画面";
        note: "Note of step {n}", "第 {n} 步的说明";
        step_up: "Move step {n} up", "上移第 {n} 步";
        step_down: "Move step {n} down", "下移第 {n} 步";
        step_remove: "Remove step {n}", "删除第 {n} 步";
        step_open: "Open", "打开";
        lesson_play: "Play the lesson", "开始课程";
        lesson_link: "Copy the lesson's link", "复制课程链接";
        lesson_file: "Save as a file", "存为文件";
        lesson_open: "Open a file", "打开文件";
        lesson_clear: "Clear", "清空";
        lesson_at: "step {n} of {all}", "第 {n} 步，共 {all} 步";
        lesson_back: "Step back", "上一步";
        lesson_next: "Next step", "下一步";
        lesson_leave: "Leave the lesson", "退出课程";
        lesson_edit: "Edit", "编辑";
        untitled: "Untitled lesson", "未命名课程";
        tour: "Guided tour", "导览";
        tour_done: "✓ Done.", "✓ 完成。";
        tour_skip: "Skip", "跳过";
        tour_show: "Show me", "演示给我看";
        tour_leave: "Leave the tour", "退出导览";
        tour_end: "That was the tour. Now try something of your own, or answer a question.", "导览到此结束。现在试试你自己的想法，或回答一个问题。";
        leave: "Leave", "退出";
        pen_color: "Pen {n}", "画笔 {n}";
        ink_undo: "Take back the last stroke", "撤销上一笔";
        ink_clear: "Clear the ink", "清除笔迹";
        black: "Black", "黑屏";
        controls: "Controls", "控件";
        notes: "Notes window", "备注窗口";
        notes_blocked: "The browser did not open a second window. Allow it for this page, then press N again.", "浏览器没有打开第二个窗口。请为本页允许弹出窗口，再按一次 N。";
        notes_next: "Next", "下一步";
        notes_none: "No lesson is being played. Its notes stand here when one is.", "没有正在进行的课程。课程开始后，说明会显示在这里。";
        key_on: "Next step, of the figure or of the lesson", "图或课程的下一步";
        key_back: "One step back", "后退一步";
        key_play: "Play or pause", "播放或暂停";
        key_pen: "Pen on and off", "画笔开关";
        key_clear: "Clear the ink", "清除笔迹";
        key_black: "Black screen", "黑屏";
        key_notes: "Notes in a second window", "在第二个窗口显示备注";
        key_leave: "Leave", "退出";
        paper_settings: "Settings", "设置";
        paper_room: "What do you see?", "你看到了什么？";
    }
}
